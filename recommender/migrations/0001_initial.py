import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.migration import SwappableTuple

# The host names its product model, and the migration that creates it when that is not the first of its app.
PRODUCT_MODEL = settings.RECOMMENDER_PRODUCT_MODEL
PRODUCT_MIGRATION = getattr(settings, 'RECOMMENDER_PRODUCT_MIGRATION', '__first__')


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        SwappableTuple((PRODUCT_MODEL.split('.')[0], PRODUCT_MIGRATION), 'RECOMMENDER_PRODUCT_MODEL'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CatalogueChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_key', models.CharField(max_length=64, unique=True, verbose_name='product')),
                ('sequence', models.PositiveBigIntegerField(db_index=True, verbose_name='sequence')),
                ('deleted', models.BooleanField(default=False, verbose_name='deleted')),
            ],
            options={
                'verbose_name': 'catalogue change',
                'verbose_name_plural': 'catalogue changes',
            },
        ),
        migrations.CreateModel(
            name='Sequence',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='name')),
                ('value', models.PositiveBigIntegerField(default=0, verbose_name='value')),
            ],
            options={
                'verbose_name': 'sequence',
                'verbose_name_plural': 'sequences',
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('train', 'training'), ('embed', 'embedding'), ('import', 'import')], max_length=20, verbose_name='kind')),
                ('state', models.CharField(choices=[('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='running', max_length=10, verbose_name='state')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='done')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='of')),
                ('message', models.CharField(blank=True, max_length=500, verbose_name='message')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='started')),
                ('heartbeat_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last sign of life')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
            ],
            options={
                'verbose_name': 'job',
                'verbose_name_plural': 'jobs',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('kind',), name='recommender_one_job_a_kind')],
            },
        ),
        migrations.CreateModel(
            name='Snapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('catalogue', 'shelves')], default='catalogue', max_length=20, verbose_name='kind')),
                ('is_active', models.BooleanField(default=False, verbose_name='active')),
                ('format_version', models.PositiveSmallIntegerField(verbose_name='format')),
                ('encoder_version', models.CharField(blank=True, max_length=100, verbose_name='encoder')),
                ('sequence', models.PositiveBigIntegerField(default=0, verbose_name='contains changes up to')),
                ('files', models.JSONField(default=dict, help_text='name: SHA-256 of the file in the storage', verbose_name='files')),
                ('config', models.JSONField(default=dict, verbose_name='configuration')),
                ('metrics', models.JSONField(blank=True, default=dict, verbose_name='metrics')),
                ('n_products', models.PositiveIntegerField(default=0, verbose_name='products')),
                ('size_bytes', models.PositiveBigIntegerField(default=0, verbose_name='size in bytes')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('activated_at', models.DateTimeField(blank=True, null=True, verbose_name='activated')),
            ],
            options={
                'verbose_name': 'snapshot',
                'verbose_name_plural': 'snapshots',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('kind',), name='recommender_one_active_snapshot')],
            },
        ),
        migrations.CreateModel(
            name='Visitor',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('external_id', models.CharField(blank=True, editable=False, max_length=150, null=True, unique=True, verbose_name='id in an imported history')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'visitor',
                'verbose_name_plural': 'visitors',
            },
        ),
        migrations.CreateModel(
            name='ImageEmbedding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('image_key', models.CharField(blank=True, max_length=255, verbose_name='picture')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('encoder_version', models.CharField(max_length=100, verbose_name='encoder')),
                ('content_hash', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the file')),
                ('status', models.CharField(choices=[('pending', 'waiting'), ('ready', 'embedded'), ('failed', 'failed'), ('empty', 'no picture')], default='pending', max_length=10, verbose_name='status')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('error', models.CharField(blank=True, max_length=500, verbose_name='error')),
                ('vector', models.BinaryField(null=True, verbose_name='vector (float32, little-endian)')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=PRODUCT_MODEL, verbose_name='product')),
            ],
            options={
                'verbose_name': 'image embedding',
                'verbose_name_plural': 'image embeddings',
                'indexes': [models.Index(fields=['encoder_version', 'status', 'updated_at'], name='recommender_emb_status')],
                'constraints': [models.UniqueConstraint(fields=('product', 'image_key', 'encoder_version'), name='recommender_embedding_once'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'ready'), _negated=True), ('vector__isnull', False), _connector='OR'), name='recommender_embedding_ready_has_vector')],
            },
        ),
        migrations.CreateModel(
            name='Interaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('view', 'viewed'), ('click', 'clicked'), ('favourite', 'kept as favourite'), ('cart', 'put into the basket'), ('purchase', 'bought'), ('refund', 'returned')], max_length=20, verbose_name='kind')),
                ('occurred_at', models.DateTimeField(db_index=True, verbose_name='when')),
                ('quantity', models.IntegerField(default=1, verbose_name='quantity')),
                ('price', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True, verbose_name='unit price')),
                ('order_id', models.CharField(blank=True, max_length=64, verbose_name='order')),
                ('client_id', models.UUIDField(verbose_name="client's id of the event")),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='received')),
                ('product', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=PRODUCT_MODEL, verbose_name='product')),
                ('visitor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='recommender.visitor', verbose_name='visitor')),
            ],
            options={
                'verbose_name': 'interaction',
                'verbose_name_plural': 'interactions',
                'indexes': [models.Index(fields=['visitor', '-occurred_at'], name='recommender_visitor_recent')],
                'constraints': [models.UniqueConstraint(fields=('client_id', 'visitor'), name='recommender_interaction_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportedProduct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=255, unique=True, verbose_name='id in the data set')),
                ('digest', models.CharField(help_text='SHA-256 of the row and of its pictures, to pass over what is unchanged.', max_length=64, verbose_name='digest')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.RECOMMENDER_PRODUCT_MODEL, verbose_name='product')),
            ],
            options={
                'verbose_name': 'imported product',
                'verbose_name_plural': 'imported products',
            },
        ),
    ]
